/** Calendar arithmetic of the estate: local dates, weekdays and the UTC instant of a wall-clock time in a zone. */
const DAY_MS = 86_400_000;

export function dateOf(text: string): number {
  return Date.parse(`${text}T00:00:00Z`);
}

export function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return isoDate(dateOf(date) + days * DAY_MS);
}

export function weekday(date: string): string {
  const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  return names[new Date(dateOf(date)).getUTCDay()] ?? 'sunday';
}

/** The instant (UTC ms) at which clocks in the zone show this local date and time; a gap moves forward. */
export function instantOf(date: string, time: string, iana: string): number {
  const wall = Date.parse(`${date}T${time}:00Z`);
  let guess = wall - offsetMs(wall, iana);
  guess = wall - offsetMs(guess, iana);
  return guess;
}

/** Graph's form of an instant: seven decimals, no offset. */
export function graphTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.0000000`;
}

function offsetMs(at: number, iana: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: iana,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return wall - Math.floor(at / 1000) * 1000;
}

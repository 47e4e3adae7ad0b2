const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
};

/** Value of a `Date` field in UTC for an instant (epoch ms), RFC 5322 section 3.3. */
export function formatMailDate(utcMs: number): string {
  const date = new Date(utcMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const month = MONTHS[date.getUTCMonth()] ?? 'jan';
  const name = month.charAt(0).toUpperCase() + month.slice(1);
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${name} ${date.getUTCFullYear()} ${time} +0000`;
}

/**
 * The instant (epoch ms) of a `Date` field's value, null when it cannot be read. Takes RFC 5322 with its obsolete
 * forms: comments, two-digit years, zone names, no weekday, no seconds; a missing zone counts as UTC.
 */
export function parseMailDate(value: string): number | null {
  const text = value
    .slice(0, 500)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const match =
    /^(?:[A-Za-z]{3,9}\.?,? )?(\d{1,2})[ -]([A-Za-z]{3})[a-z]*\.?[ -](\d{2,4}),? (\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?: ?([+-]\d{4}|[+-]\d{2}:\d{2}|[A-Za-z]{1,5}))?(?: .*)?$/.exec(
      text,
    );
  if (!match) return null;
  const [, day, monthName = '', yearText = '', hour, minute, second, zone = ''] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase());
  const offset = zoneMinutes(zone);
  if (month < 0 || offset === null) return null;
  return instant(
    fullYear(yearText),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
    offset,
  );
}

function instant(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  offsetMinutes: number,
): number | null {
  if (day < 1 || hour > 24 || minute > 59 || second > 60) return null;
  const midnight = Date.UTC(year, month, day);
  if (new Date(midnight).getUTCDate() !== day) return null;
  return midnight + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000;
}

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

function zoneMinutes(zone: string): number | null {
  if (zone === '') return 0;
  const numeric = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!numeric) return ZONES[zone.toLowerCase()] ?? 0;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3]);
  return numeric[1] === '-' ? -minutes : minutes;
}

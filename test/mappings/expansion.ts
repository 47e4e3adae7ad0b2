import { RRuleTemporal } from 'rrule-temporal';

/** The first dates as an independent RFC 5545 library expands what we wrote. */
export function expand(
  lines: readonly string[],
  date: string,
  count: number,
  zone = 'Europe/Berlin',
  time = '09:00:00',
): string[] {
  const stamp = `${date}T${time}`.replace(/[-:]/g, '');
  const rule = new RRuleTemporal({ rruleString: `DTSTART;TZID=${zone}:${stamp}\n${lines.join('\n')}` });
  const found: string[] = [];
  rule.all((each, index) => {
    if (index < count) found.push(each.toString().slice(0, 10));
    return index < count - 1;
  });
  return found.slice(0, count);
}

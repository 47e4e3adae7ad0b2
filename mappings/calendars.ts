import { bareAddress } from '../src/core/address-book.ts';
import type { CalendarValue } from '../src/core/google.ts';
import type { GraphCalendar } from '../src/core/microsoft.ts';
import type { Loss, Mapped, SkipReason } from '../src/core/types.ts';
import { cleanLine } from './text.ts';
import { resolveZone } from './time-zones.ts';

const COLORS: Readonly<Record<string, string>> = {
  lightblue: '#9fc6e7',
  lightgreen: '#b3dc6c',
  lightorange: '#ffad46',
  lightgray: '#c2c2c2',
  lightyellow: '#fbe983',
  lightteal: '#92e1c0',
  lightpink: '#f691b2',
  lightbrown: '#cabdbf',
  lightred: '#fa573c',
};

/**
 * Why a calendar is left out (mapping 4.6, 4.7), null when it is moved: `read-only-calendar` for birthdays, holidays
 * and whatever else the owner cannot edit, `owned-by-another` for calendars that others share. The default calendar
 * is always moved.
 */
export function calendarSkip(calendar: GraphCalendar, own: ReadonlySet<string>): SkipReason | null {
  if (calendar.isDefaultCalendar) return null;
  if (!calendar.canEdit) return { outcome: 'excluded', rule: 'read-only-calendar' };
  const owner = calendar.ownerAddress === null ? '' : bareAddress(calendar.ownerAddress);
  return owner === '' || own.has(owner) ? null : { outcome: 'excluded', rule: 'owned-by-another' };
}

/** A calendar: the default one becomes the primary, others secondary calendars of their owner. */
export function mapCalendar(calendar: GraphCalendar, own: ReadonlySet<string>): Mapped<CalendarValue> {
  const reason = calendarSkip(calendar, own);
  if (reason !== null) return { kind: 'skip', reason };
  const summary = cleanLine(calendar.name) || 'Calendar';
  const { zone, loss } = resolveZone([calendar.mailboxTimeZone]);
  const color = colorOf(calendar);
  const losses: Loss[] = loss === null ? [] : [loss];
  if (summary !== calendar.name && !calendar.isDefaultCalendar)
    losses.push({ field: 'name', kind: 'changed', reason: 'characters-not-allowed' });
  return {
    kind: 'value',
    value: {
      kind: 'calendar',
      primary: calendar.isDefaultCalendar,
      summary,
      timeZone: zone,
      ...(color === null ? {} : { color }),
    },
    losses,
  };
}

function colorOf(calendar: GraphCalendar): NonNullable<CalendarValue['color']> | null {
  const hex = /^#[0-9a-f]{6}$/i.test(calendar.hexColor ?? '') ? calendar.hexColor : null;
  const backgroundColor = (hex ?? COLORS[calendar.color?.toLowerCase() ?? ''])?.toLowerCase();
  return backgroundColor ? { backgroundColor, foregroundColor: readableOn(backgroundColor) } : null;
}

/** Black or white, by relative luminance (WCAG 2). */
function readableOn(background: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(background.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}

import type { Depth, MessageFact } from '../../src/core/facts.ts';
import type { CheckEstate } from './check-estate.ts';
import { ANN, event, message, occurrenceOf } from './fact-builders.ts';

export type Damage = (estate: CheckEstate) => void;
export const target = (estate: CheckEstate) => estate.target.account(ANN);
export const mail = (estate: CheckEstate, id: string): MessageFact =>
  target(estate).messages.find((one) => one.id === id)!;
export const remove = <T>(list: T[], matches: (one: T) => boolean) => list.splice(list.findIndex(matches), 1);
export const DAMAGES: [string, Depth, Damage, string[]][] = [
  [
    'a deleted message',
    'items',
    (e) => remove(target(e).messages, ({ id }) => id === 'm1'),
    ['missing message-missing  m1'],
  ],
  [
    'a deleted message with copies in several folders',
    'items',
    (e) => remove(target(e).messages, ({ id }) => id === 'm3'),
    ['missing message-missing  m3-c', 'missing message-missing  m3-b', 'missing message-missing  m3-a'],
  ],
  [
    'one of two messages that share a Message-ID deleted',
    'items',
    (e) => remove(target(e).messages, ({ id }) => id === 'm20'),
    ['missing message-missing  m20'],
  ],
  [
    'one of two messages without Message-ID deleted',
    'items',
    (e) => remove(target(e).messages, ({ id }) => id === 'm22'),
    ['missing message-missing  m22'],
  ],
  [
    'a doubled message',
    'items',
    (e) => target(e).messages.push({ ...mail(e, 'm1'), id: 'm1-copy' }),
    ['duplicate message-duplicate  m1-copy'],
  ],
  [
    'an extra message',
    'items',
    (e) => target(e).messages.push(message('x1', ['INBOX'])),
    ['extra message-extra  x1'],
  ],
  [
    'a relabelled message',
    'items',
    (e) => {
      mail(e, 'm10').containers = ['Label_4'];
    },
    ['differ labels-differ labels m10'],
  ],
  [
    'a message taken out of the inbox',
    'items',
    (e) => {
      mail(e, 'm2').containers = ['STARRED', 'Label_8'];
    },
    ['differ labels-differ labels m2'],
  ],
  [
    'a message thrown away',
    'items',
    (e) => {
      mail(e, 'm11').containers = ['Label_4', 'TRASH'];
    },
    ['differ labels-differ labels m11'],
  ],
  [
    'a lost category',
    'items',
    (e) => {
      mail(e, 'm2').containers = ['INBOX'];
    },
    ['differ labels-differ labels m2'],
  ],
  [
    'a message marked as read',
    'items',
    (e) => {
      mail(e, 'm1').read = true;
    },
    ['differ read-differs read m1'],
  ],
  [
    'a message marked as unread',
    'items',
    (e) => {
      mail(e, 'm2').read = false;
    },
    ['differ read-differs read m2'],
  ],
  [
    'a star taken away',
    'items',
    (e) => {
      mail(e, 'm2').starred = false;
    },
    ['differ starred-differs starred m2'],
  ],
  [
    'a draft that is none',
    'items',
    (e) => {
      mail(e, 'm5').draft = false;
    },
    ['differ draft-differs draft m5'],
  ],
  [
    'an altered body',
    'content',
    (e) => {
      Object.assign(mail(e, 'm9'), { bodyHash: 'z', bytesHash: 'z' });
    },
    ['differ body-differs body m9'],
  ],
  [
    'an altered body of a message without Message-ID',
    'items',
    (e) => {
      Object.assign(mail(e, 'm21'), { bodyHash: 'z', bytesHash: 'z' });
    },
    ['differ body-differs body m21'],
  ],
  [
    'an altered subject',
    'content',
    (e) => {
      Object.assign(mail(e, 'm9'), { headerHash: 'z', bytesHash: 'z' });
    },
    ['differ headers-differ headers m9'],
  ],
  [
    'junk that was moved against the policy',
    'items',
    (e) => target(e).messages.push(message('m8', ['SPAM'])),
    ['extra excluded-but-present junk m8'],
  ],
  [
    'a deleted empty label',
    'items',
    (e) => remove(target(e).containers, ({ id }) => id === 'Label_3'),
    ['differ label-missing label f-clients'],
  ],
  [
    'a deleted event',
    'items',
    (e) => {
      remove(target(e).events, ({ id }) => id === 'ge1');
      remove(target(e).occurrences, ({ uid }) => uid === 'e1-uid');
    },
    ['missing event-missing  e1'],
  ],
  [
    'a shifted event',
    'items',
    (e) => {
      Object.assign(target(e).occurrences[0]!, {
        start: '2027-01-20T08:00:00.000Z',
        end: '2027-01-20T09:00:00.000Z',
      });
    },
    ['differ occurrence-shifted start e1'],
  ],
  [
    'a longer event',
    'items',
    (e) => {
      target(e).occurrences[0]!.end = '2027-01-20T10:30:00.000Z';
    },
    ['differ occurrence-shifted end e1'],
  ],
  [
    'a shifted series',
    'items',
    (e) => {
      for (const one of target(e).occurrences.slice(1, 4)) {
        one.start = one.start.replace('T09', 'T10');
        one.end = one.end.replace('T10', 'T11');
      }
    },
    ['differ occurrence-shifted start e2'],
  ],
  [
    'a dropped date of a series',
    'items',
    (e) => target(e).occurrences.splice(2, 1),
    ['differ occurrence-missing start e2'],
  ],
  [
    'a date too many in a series',
    'items',
    (e) =>
      target(e).occurrences.push({
        ...target(e).occurrences[1]!,
        start: '2027-01-26T09:00:00Z',
        end: '2027-01-26T10:00:00Z',
      }),
    ['differ occurrence-extra start e2'],
  ],
  [
    'a dropped exception',
    'items',
    (e) => {
      remove(target(e).events, ({ id }) => id === 'ge3');
      Object.assign(target(e).occurrences[4]!, {
        start: '2027-01-11T09:00:00Z',
        end: '2027-01-11T10:00:00Z',
      });
    },
    ['missing exception-missing original-start e3'],
  ],
  [
    'a shifted exception',
    'items',
    (e) => {
      Object.assign(target(e).occurrences[4]!, {
        start: '2027-01-11T15:00:00Z',
        end: '2027-01-11T16:00:00Z',
      });
    },
    ['differ occurrence-shifted start e2'],
  ],
  [
    'a doubled event',
    'items',
    (e) => {
      const twin = { ...target(e).events[0]!, id: 'twin', uid: 'twin' };
      target(e).events.push(twin);
      target(e).occurrences.push(occurrenceOf(twin));
    },
    ['duplicate event-duplicate  twin'],
  ],
  [
    'an extra event',
    'items',
    (e) => {
      const more = event('x9', '2027-03-01T10:00:00Z', { calendarId: 'ann@new.example' });
      target(e).events.push(more);
      target(e).occurrences.push(occurrenceOf(more));
    },
    ['extra event-extra  x9'],
  ],
  [
    'a renamed event',
    'items',
    (e) => {
      target(e).occurrences[0]!.summary = 'Other';
    },
    ['differ event-differs summary e1'],
  ],
  [
    'a renamed event on a secondary calendar',
    'items',
    (e) => {
      target(e).occurrences[5]!.summary = 'Other';
      target(e).events[3]!.summary = 'Other';
    },
    ['differ event-differs summary e5'],
  ],
  [
    'a shifted event on a secondary calendar',
    'items',
    (e) => {
      const part = { start: '2027-02-01T11:00:00Z', end: '2027-02-01T12:00:00Z' };
      Object.assign(target(e).occurrences[5]!, part);
      Object.assign(target(e).events[3]!, { startUtc: part.start, endUtc: part.end });
    },
    ['differ occurrence-shifted start e5'],
  ],
  [
    'an event shown as free',
    'items',
    (e) => {
      target(e).occurrences[0]!.busy = false;
    },
    ['differ event-setting-differs busy e1'],
  ],
  [
    'an event made public',
    'items',
    (e) => {
      e.source.account(ANN).occurrences[0]!.private = true;
    },
    ['differ event-setting-differs private e1'],
  ],
  [
    'another reminder',
    'items',
    (e) => {
      target(e).occurrences[0]!.reminderMinutes = null;
    },
    ['differ event-setting-differs reminder e1'],
  ],
  [
    'a lost guest',
    'items',
    (e) => {
      target(e).occurrences[0]!.attendees.pop();
    },
    ['differ event-differs attendees e1'],
  ],
  [
    'a guest under the old address',
    'items',
    (e) => {
      target(e).occurrences[0]!.attendees[1]!.address = 'bob@old.example';
    },
    ['differ event-differs attendees e1'],
  ],
  [
    'another answer of a guest',
    'items',
    (e) => {
      target(e).occurrences[0]!.attendees[1]!.response = 'declined';
    },
    ['differ event-setting-differs attendee-response e1'],
  ],
];

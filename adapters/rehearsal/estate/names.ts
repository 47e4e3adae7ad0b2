/** Word lists in several languages; what a mailbox shows depends on its owner's language. */
export interface Locale {
  /** BCP 47 tag as `preferredLanguage` and mailboxSettings.language carry it. */
  tag: string;
  /** Windows zone name and the IANA zone it stands for. */
  zone: { windows: string; iana: string };
  country: string;
  given: readonly string[];
  family: readonly string[];
  /** Display names of the default folders. */
  folders: Readonly<
    Record<'inbox' | 'drafts' | 'sentitems' | 'deleteditems' | 'junkemail' | 'archive' | 'outbox', string>
  >;
  subjects: readonly string[];
  sentences: readonly string[];
  calendar: string;
}

export const LOCALES: readonly Locale[] = [
  {
    tag: 'en-GB',
    zone: { windows: 'GMT Standard Time', iana: 'Europe/London' },
    country: 'United Kingdom',
    given: ['Ann', 'Oliver', 'Priya', 'Siân', 'Prince', 'Maeve'],
    family: ["O'Brien", 'Patel', 'Hughes', 'Okafor', 'Smith-Jones', 'Walker'],
    folders: {
      inbox: 'Inbox',
      drafts: 'Drafts',
      sentitems: 'Sent Items',
      deleteditems: 'Deleted Items',
      junkemail: 'Junk Email',
      archive: 'Archive',
      outbox: 'Outbox',
    },
    subjects: [
      'Budget for next quarter',
      'Minutes of Tuesday',
      'Your leave request',
      'FOI 2026/118',
      'Fire drill',
    ],
    sentences: [
      'Please find the figures below.',
      'Could you look at this before Friday?',
      'Thank you for the quick answer.',
    ],
    calendar: 'Calendar',
  },
  {
    tag: 'de-DE',
    zone: { windows: 'W. Europe Standard Time', iana: 'Europe/Berlin' },
    country: 'Germany',
    given: ['Jürgen', 'Anneliese', 'Björn', 'Käthe'],
    family: ['Müller', 'Weiß', 'Schröder', 'von der Heide'],
    folders: {
      inbox: 'Posteingang',
      drafts: 'Entwürfe',
      sentitems: 'Gesendete Elemente',
      deleteditems: 'Gelöschte Elemente',
      junkemail: 'Junk-E-Mail',
      archive: 'Archiv',
      outbox: 'Postausgang',
    },
    subjects: [
      'Übersicht der Maßnahmen',
      'Rückfrage zur Prüfung',
      'Dienstreise nach Köln',
      'Größere Änderung am Formular',
    ],
    sentences: [
      'Anbei die Übersicht für nächste Woche.',
      'Bitte prüfen Sie die Zahlen.',
      'Mit freundlichen Grüßen',
    ],
    calendar: 'Kalender',
  },
  {
    tag: 'nl-NL',
    zone: { windows: 'W. Europe Standard Time', iana: 'Europe/Amsterdam' },
    country: 'Netherlands',
    given: ['Sanne', 'Joost', 'Fleur'],
    family: ['de Vries', 'Jansen', "van 't Hof"],
    folders: {
      inbox: 'Postvak IN',
      drafts: 'Concepten',
      sentitems: 'Verzonden items',
      deleteditems: 'Verwijderde items',
      junkemail: 'Ongewenste e-mail',
      archive: 'Archief',
      outbox: 'Postvak UIT',
    },
    subjects: ['Notulen werkoverleg', 'Vraag over de regeling', 'Ongelezen stukken'],
    sentences: ['Hierbij de notulen van vorige week.', 'Graag voor vrijdag een reactie.'],
    calendar: 'Agenda',
  },
  {
    tag: 'es-ES',
    zone: { windows: 'Romance Standard Time', iana: 'Europe/Madrid' },
    country: 'Spain',
    given: ['José', 'Begoña', 'Íñigo'],
    family: ['García Núñez', 'Muñoz', 'Ibáñez'],
    folders: {
      inbox: 'Bandeja de entrada',
      drafts: 'Borradores',
      sentitems: 'Elementos enviados',
      deleteditems: 'Elementos eliminados',
      junkemail: 'Correo no deseado',
      archive: 'Archivo',
      outbox: 'Bandeja de salida',
    },
    subjects: ['Reunión de coordinación', '¿Cuándo es la inspección?', 'Informe anual'],
    sentences: ['Adjunto el informe.', 'Quedo a la espera de su respuesta.'],
    calendar: 'Calendario',
  },
  {
    tag: 'ja-JP',
    zone: { windows: 'Tokyo Standard Time', iana: 'Asia/Tokyo' },
    country: 'Japan',
    given: ['Yuki', 'Haruto'],
    family: ['Tanaka', 'Sato'],
    folders: {
      inbox: '受信トレイ',
      drafts: '下書き',
      sentitems: '送信済みアイテム',
      deleteditems: '削除済みアイテム',
      junkemail: '迷惑メール',
      archive: 'アーカイブ',
      outbox: '送信トレイ',
    },
    subjects: ['会議の議事録', '来月の予定について'],
    sentences: ['よろしくお願いいたします。', '資料を添付します。'],
    calendar: '予定表',
  },
  {
    tag: 'en-NZ',
    zone: { windows: 'New Zealand Standard Time', iana: 'Pacific/Auckland' },
    country: 'New Zealand',
    given: ['Aroha', 'Nikau'],
    family: ['Ngata', 'Walker'],
    folders: {
      inbox: 'Inbox',
      drafts: 'Drafts',
      sentitems: 'Sent Items',
      deleteditems: 'Deleted Items',
      junkemail: 'Junk Email',
      archive: 'Archive',
      outbox: 'Outbox',
    },
    subjects: ['Site visit 👷', 'Roster 🗓️ week 12', 'Re: Re: keys'],
    sentences: ['Cheers for that.', 'See you at the marae.'],
    calendar: 'Calendar',
  },
];

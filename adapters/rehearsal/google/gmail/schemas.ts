import { each, fields, type Shape } from '../shapes.ts';

const HEADER = fields('name value');
const BODY = fields('attachmentId data', { size: 'integer' });
const PART: Shape = fields('filename mimeType partId', {
  body: BODY,
  headers: { list: HEADER },
  parts: { list: 'any' },
});

/** Request bodies of Gmail v1 (discovery document, rev. 20260727), by schema name. */
export const LABEL = fields('id labelListVisibility messageListVisibility name type', {
  color: fields('backgroundColor textColor'),
  ...each('integer', 'messagesTotal messagesUnread threadsTotal threadsUnread'),
});

export const MESSAGE = fields('historyId id internalDate raw snippet threadId', {
  labelIds: { list: 'string' },
  classificationLabelValues: { list: 'any' },
  payload: PART,
  sizeEstimate: 'integer',
});

export const DRAFT = fields('id', { message: MESSAGE });

export const MODIFY_MESSAGE = fields('', {
  addLabelIds: { list: 'string' },
  removeLabelIds: { list: 'string' },
  addClassificationLabels: { list: 'any' },
  removeClassificationLabelIds: { list: 'string' },
});

export const BATCH_MODIFY = { fields: { ...MODIFY_MESSAGE.fields, ids: { list: 'string' } } } satisfies Shape;

export const BATCH_DELETE = fields('', { ids: { list: 'string' } });

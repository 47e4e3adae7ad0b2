import { z } from 'zod';

/** Tolerant parts of which the schemas of Graph's answers are made: what is missing or odd becomes the neutral value. */

export const text = z.string().nullable().catch(null);
export const filledText = z
  .string()
  .nullable()
  .catch(null)
  .transform((value) => (value === '' ? null : value));
export const number = z.number().nullable().catch(null);
export const maybe = z.boolean().nullable().catch(null);
export const flag = z.boolean().catch(false);
export const texts = z
  .array(z.unknown())
  .catch([])
  .transform((values) => values.filter((value): value is string => typeof value === 'string'));

/** Elements that fit the schema; the others are left out. */
export function listOf<S extends z.ZodType>(schema: S) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((values): z.output<S>[] =>
      values.flatMap((value) => {
        const parsed = schema.safeParse(value);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

/**
 * Logging is events, not prose: a name and fields. Ids are allowed; subjects, names, addresses and bodies are not.
 * The command line renders these with pino; libraries only receive the function.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

export const silent: Log = () => {};

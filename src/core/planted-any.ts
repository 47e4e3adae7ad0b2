export const wide = (value: any) => value;

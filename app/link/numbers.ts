/** `1:2.5:4` under the given keys; what cannot be read is an empty text, for the schema to refuse. */
export const numbers = (text: string | undefined, keys: readonly string[]): unknown => {
  if (text === undefined) return undefined;
  const values = text.split(":").map((t) => (t.trim() === "" ? Number.NaN : Number(t)));
  return values.length === keys.length ? Object.fromEntries(keys.map((key, i) => [key, values[i]])) : "";
};

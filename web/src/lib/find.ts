// Which asset somebody means who types part of its name.

/** The name itself, else the only or first one that begins with the text, else that holds it; letters in any case. */
export function findAsset(names: readonly string[], text: string): string | undefined {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return undefined;
  const lower = (name: string) => name.toLowerCase();
  return (
    names.find((n) => lower(n) === wanted) ?? names.find((n) => lower(n).startsWith(wanted)) ?? names.find((n) => lower(n).includes(wanted))
  );
}

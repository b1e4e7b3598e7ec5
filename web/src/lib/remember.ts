// What this browser keeps for its user: language, name. A browser that forbids it just forgets.

export type Kept = 'keys' | 'language' | 'name' | 'zone';

export function recall(key: Kept): string | null {
  try {
    return localStorage.getItem(`telltale.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: Kept, value: string): void {
  try {
    localStorage.setItem(`telltale.${key}`, value);
  } catch {
    // private mode or a full quota: nothing depends on it
  }
}

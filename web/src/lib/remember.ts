// What this browser keeps for its user: language, name. A browser that forbids it just forgets.

export function recall(key: 'language' | 'name' | 'zone'): string | null {
  try {
    return localStorage.getItem(`telltale.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: 'language' | 'name' | 'zone', value: string): void {
  try {
    localStorage.setItem(`telltale.${key}`, value);
  } catch {
    // private mode or a full quota: nothing depends on it
  }
}

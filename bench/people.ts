/** The people of the reference servers, who are made up by number, from 1. */
export function userName(n: number): string {
  return `user${String(n).padStart(6, '0')}`
}

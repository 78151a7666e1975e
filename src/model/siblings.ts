/** Other processes that serve the same configuration behind the same ports, and what they have to tell each other. */

export interface Siblings {
  /** Every other process hears it, in the order in which it is told here; it need not be told twice. */
  tell(topic: string, message: string): void
  hear(topic: string, listener: (message: string) => void): void
  /** What the others have to say about themselves now, as far as they do within a second. */
  ask(): Promise<readonly string[]>
  /** What they are told when they ask. */
  answer(say: () => Promise<string>): void
}

/** Of a process that has none. */
export const ALONE: Siblings = {
  tell: () => undefined,
  hear: () => undefined,
  ask: async () => [],
  answer: () => undefined,
}

/** What is put together piece by piece, before anybody else sees it. */
export type Changeable<T> = { -readonly [Key in keyof T]: T[Key] }

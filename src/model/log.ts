/** Where rooms report what is for operators. */
export interface Log {
  error(detail: object, message: string): void
  warn(detail: object, message: string): void
  info(detail: object, message: string): void
  debug(detail: object, message: string): void
}

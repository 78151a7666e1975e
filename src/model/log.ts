/** Parts of the gateway that may be more or less talkative than the rest. */
export const LOG_MODULES = ['ldap', 'http', 'scim', 'sources', 'copy'] as const
export type LogModule = (typeof LOG_MODULES)[number]

/** Where rooms report what is for operators. */
export interface Log {
  error(detail: object, message: string): void
  warn(detail: object, message: string): void
  info(detail: object, message: string): void
  debug(detail: object, message: string): void
}

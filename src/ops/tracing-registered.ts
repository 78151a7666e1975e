/** Whether the process was started with an SDK for traces: what would make them takes room, and is loaded only then. */

/** Where OpenTelemetry's API, of this major version, keeps what is registered with it. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

export function isTracingRegistered(): boolean {
  return REGISTERED in globalThis
}

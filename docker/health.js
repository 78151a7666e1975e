/**
 * Whether the gateway of this container or host is ready: exit code 0 or 1. Asks /readyz, or the URL that it is given, so that
 * an image needs no other program for its health check.
 */
const [url = 'http://127.0.0.1:8080/readyz'] = process.argv.slice(2)

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000) })
  process.stdout.write(`${response.status} ${await response.text()}\n`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  process.stdout.write(`${url} does not answer: ${error.cause?.code ?? error.message}\n`)
  process.exitCode = 1
}

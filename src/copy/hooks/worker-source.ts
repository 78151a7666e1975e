/**
 * What runs in the thread of the user's module, as text: there it is loaded and called, where nothing that it does can hold
 * up or end anybody else. Which call of a batch it is at, it writes into shared memory, so that one that never ends is known.
 */
export const workerSource = `
const { parentPort, workerData } = require('node:worker_threads')
const at = new Int32Array(workerData.at)
const loaded = import(workerData.module)
loaded.then(
  (module) => parentPort.postMessage({ ready: Object.keys(module).filter((name) => typeof module[name] === 'function') }),
  (error) => parentPort.postMessage({ failed: textOf(error) }),
)
function textOf(error) {
  return error instanceof Error ? error.message : String(error)
}
parentPort.on('message', async ({ id, name, calls }) => {
  const module = await loaded
  const results = []
  for (let i = 0; i < calls.length; i++) {
    Atomics.store(at, 0, i)
    try {
      results.push({ value: await module[name](...calls[i]) })
    } catch (error) {
      results.push({ error: textOf(error) })
    }
  }
  Atomics.store(at, 0, -1)
  try {
    parentPort.postMessage({ id, results })
  } catch (error) {
    parentPort.postMessage({ id, results: calls.map(() => ({ error: 'what it returns cannot be taken: ' + textOf(error) })) })
  }
})
`

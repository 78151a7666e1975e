/** The thread that writes an SQLite file: runs what it is sent, one statement after the other, and tells what came of it. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Asked, Thrown, Told } from './sqlite-aside.js'
import { type Database, openSqlite } from './sqlite-file.js'

let database: Database | undefined

function answer({ sql, bindings }: Asked): Told {
  try {
    // Opened with the first statement, which is told where that is not possible.
    database ??= openSqlite(String(workerData), 'write')
    if (bindings !== undefined) return { rows: database.all(sql, bindings.map(bindable)) }
    database.exec(sql)
    return { rows: [] }
  } catch (error) {
    return { thrown: thrownOf(error) }
  }
}

/** Octets arrive as plain ones. */
const bindable = (value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

function thrownOf(error: unknown): Thrown {
  const { message, code, rawCode, errcode } = error as Thrown
  return { message, code, rawCode, errcode }
}

parentPort?.on('message', (asked: Asked | undefined) => {
  if (asked !== undefined) parentPort?.postMessage(answer(asked))
  else {
    database?.close()
    parentPort?.close()
  }
})

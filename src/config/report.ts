/** Findings as problems with file, line and column, worded with the text as the file has it. */
import type { z } from 'zod'
import { nearest } from '../mapping/nearest.js'
import type { ConfigProblem } from './config-error.js'
import { findings } from './explain.js'
import type { Finding } from './finding.js'
import type { Origin, Path, Spot } from './origin.js'
import type { Complaint } from './scalar.js'
import type { Schema } from './shape.js'

/** What a schema has against `data`. `skip` tells values that are already reported. */
export function schemaProblems(
  error: z.core.$ZodError | undefined,
  schema: Schema,
  data: unknown,
  origin: Origin,
  skip: (path: Path) => boolean = () => false,
): ConfigProblem[] {
  return findings(error?.issues ?? [], schema, data)
    .filter(({ path }) => !skip(path))
    .map((finding) => problem(origin, finding.path, finding, spotOf(finding)))
}

function spotOf({ about }: Finding): Spot {
  return about === 'kind' || about === 'value' ? 'value' : 'key'
}

/** A complaint about what stands at a path. Quotes the text as written, never as interpolated. */
export function problem(
  origin: Origin,
  path: Path,
  complaint: Complaint,
  spot: Spot = 'value',
): ConfigProblem {
  const { message, quote, candidates } = complaint
  const written = origin.written(path)
  const quoted = quote === true && ['string', 'number', 'boolean'].includes(typeof written)
  const meant = typeof written === 'string' ? nearest(written, candidates ?? []) : undefined
  const remedy = meant === undefined ? complaint.remedy : `Did you mean "${meant}"?`
  return {
    ...origin.place(path, spot),
    message: quoted ? `${JSON.stringify(written)} ${message}` : message,
    ...(remedy === undefined ? {} : { remedy }),
  }
}

/** What operators send, checked against its grammar. */
import type { z } from 'zod'
import { VitrineError } from '../model/errors.js'

/** @throws VitrineError constraintViolation, naming what is not understood */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const { data, error } = schema.safeParse(value)
  if (error === undefined) return data as z.output<S>
  const [issue] = error.issues
  const message = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not understood'}`
  throw new VitrineError('constraintViolation', { message: message.replace(/^: /, '') })
}

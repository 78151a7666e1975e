/** Attributes that the settings of synchronizations name: whether there are such, and which of them concern a view. */
import type { SyncConfig } from '../config/schema-sync.js'
import type { RuleProblem } from '../directory/layers/access/rules.js'
import { nearest } from '../mapping/nearest.js'
import type { View } from '../model/view.js'
import type { Schema } from '../schema/schema.js'

type Path = RuleProblem['path']

/** What is said of attributes that the view has, under the names by which it has them. */
export function syncOf(sync: SyncConfig, { attributes }: View, schema: Schema): SyncConfig {
  const { validation, correlate } = sync
  const nameOf = (given: string) => schema.attribute(given)?.name ?? given
  const own = (names: readonly string[]) => names.map(nameOf).filter((name) => attributes.has(name))
  const ownKeys = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(record).flatMap(([given, value]) =>
        attributes.has(nameOf(given)) ? [[nameOf(given), value]] : [],
      ),
    )
  return {
    ...sync,
    correlate: own(correlate),
    validation: {
      ...validation,
      required: own(validation.required),
      additive: own(validation.additive),
      absent: ownKeys(validation.absent),
      defaults: ownKeys(validation.defaults),
    },
  }
}

/** Attributes that none of the views has that these settings are for; `path` leads to them. */
export function unknownAttributes(
  { validation, correlate }: SyncConfig,
  views: readonly View[],
  schema: Schema,
  path: Path,
): readonly RuleProblem[] {
  const named: Record<string, readonly string[]> = {
    correlate,
    required: validation.required,
    additive: validation.additive,
    absent: Object.keys(validation.absent),
  }
  return Object.entries(named).flatMap(([key, names]) =>
    names.flatMap((given): readonly RuleProblem[] => {
      const name = schema.attribute(given)?.name ?? given
      if (views.some(({ attributes }) => attributes.has(name))) return []
      const meant = nearest(
        name,
        views.flatMap(({ attributes }) => [...attributes.keys()]),
      )
      const message = `no view that this is said of has an attribute ${given}`
      const remedy = meant === undefined ? 'Name one that its mapping has' : `Did you mean ${meant}?`
      return [{ path: [...path, key], message, remedy }]
    }),
  )
}

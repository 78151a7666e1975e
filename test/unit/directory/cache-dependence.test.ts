/** Which views' answers may be others once a view has changed. */
import { describe, expect, it } from 'vitest'
import { Dependence } from '../../../src/directory/layers/cache/dependence.js'
import { attributeOf, viewOf } from '../../data/directory.js'

const view = (name: string, ...refers: readonly string[]) =>
  viewOf(name, { attributes: new Map([['ref', attributeOf('ref', { refers })]]) })

const dependence = new Dependence({
  views: [
    view('staff'),
    view('guests'),
    view('everybody'),
    view('crews', 'staff'),
    view('projects', 'crews'),
    view('rooms'),
    view('printers'),
  ],
  members: new Map([['everybody', ['staff', 'guests']]]),
  places: new Map([
    ['staff', ['hr']],
    ['guests', ['reception']],
    ['crews', ['ldap']],
    ['projects', ['ldap']],
    ['rooms', ['houses', 'hr']],
    ['printers', ['houses']],
  ]),
})
const all = ['staff', 'guests', 'everybody', 'crews', 'projects', 'rooms', 'printers']

describe('what the source tells of a view', () => {
  const shows = (changed: string) => all.filter((name) => dependence.shows(name, changed))

  it('concerns those that refer to it, directly or not, and its union', () => {
    expect(shows('staff')).toEqual(['staff', 'guests', 'everybody', 'crews', 'projects'])
    expect(shows('crews')).toEqual(['crews', 'projects'])
    expect(shows('printers')).toEqual(['printers'])
  })
})

describe('a write', () => {
  const written = (to: string) => all.filter((name) => dependence.isWrittenWith(name, to))

  it('concerns all that could share a table with the view, too', () => {
    expect(written('printers')).toEqual(['rooms', 'printers'])
    expect(written('projects')).toEqual(['crews', 'projects'])
    expect(written('rooms')).toEqual([
      'staff',
      'guests',
      'everybody',
      'crews',
      'projects',
      'rooms',
      'printers',
    ])
  })

  it('to a union concerns what shows any of its members', () => {
    expect(written('everybody')).toEqual(['staff', 'guests', 'everybody', 'crews', 'projects', 'rooms'])
  })
})

/** The console in a browser, as wide as a desk and as a telephone: what operators do with it, with the mouse and without. */
import { readFileSync } from 'node:fs'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  auditor,
  type ConsoleWorld,
  hash,
  longName,
  markup,
  startConsole,
  suffix,
  token,
} from '../data/console-world.js'
import { runSql } from '../mappings/databases.js'
import { programPath } from '../servers/programs.js'
import { tellProgram } from './told.js'

/** Run in the browser, it comes to what is wrong with what is shown. */
const faults = readFileSync(new URL('scripts/page-faults.js', import.meta.url), 'utf8')

/** Run in the browser, it comes to what has the focus, and how that is seen. */
const focus = `(({ activeElement: element }) => ({
  name: element.getAttribute('aria-label') ?? element.textContent,
  tag: element.tagName,
  outline: getComputedStyle(element).outlineStyle,
}))(document)`

/** What a part of the page says to those who see it. */
const shown = async (part: Locator) => (await part.allInnerTexts()).join('\n')
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 10_000 })

let browser: Browser
let world: ConsoleWorld

beforeAll(async () => {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  browser = await chromium.launch({ executablePath: programPath('chromium'), args })
})
afterAll(() => browser?.close())

describe.each([
  { name: 'a desk', viewport: { width: 1280, height: 800 } },
  { name: 'a telephone', viewport: { width: 390, height: 844 } },
])('Chromium, as wide as $name', ({ viewport }) => {
  let page: Page
  /** What the browser has to complain of. */
  const complaints: string[] = []
  tellProgram(`Chromium, ${viewport.width} wide`, () => browser.version())

  beforeAll(async () => {
    world = await startConsole()
    page = await browser.newPage({ viewport })
    page.setDefaultTimeout(10_000)
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))
    await page.goto(`${world.url}/console/`)
  })
  afterAll(async () => {
    await page?.close()
    await world?.close()
  })

  afterEach(async () => {
    expect(await page.evaluate(faults)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await page.evaluate(faults)).toEqual([])
    await page.emulateMedia({ colorScheme: 'light' })
    expect(complaints).toEqual([])
  })

  const section = async (name: string) => {
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    expect(await page.title()).toBe(`${name} · Vitrine console`)
  }
  const textOf = (selector: string) => shown(page.locator(selector))
  const search = async (filter: string) => {
    await page.getByRole('textbox', { name: 'Filter' }).fill(filter)
    const answered = page.waitForResponse(/\/search$/)
    await page.getByRole('button', { name: 'Search' }).click()
    await answered
    await page.locator('.results > *').first().waitFor()
    await eventually(() => page.getByRole('button', { name: 'Search' }).isEnabled()).toBe(true)
    return textOf('.results')
  }

  it('lets nobody in with a wrong token, and says so', async () => {
    await page.getByLabel('Token').fill('not-the-token')
    await page.keyboard.press('Enter')
    await eventually(() => shown(page.getByRole('alert'))).toBe('Not accepted: this is not the token.')
    expect(await page.getByRole('navigation').count()).toBe(0)
  })

  it('shows how the sources are, and draws what is counted', async () => {
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    await eventually(() => page.locator('.card').allInnerTexts()).toHaveLength(3)
    const [hr, agency] = await page.locator('.card').allInnerTexts()
    expect(hr).toMatch(/^hr sql\s+answers\s+in [\d.]+ ms/)
    expect(agency).toMatch(/^agency sql\s+away\s+.*unavailable/s)
    await world.ldap.searchAll(`ou=people,${suffix}`, { filter: '(uid=user.7)' })
    const chart = page.getByRole('img', { name: /^Operations per second: LDAP 0?\.?[1-9]/ })
    await chart.waitFor()
    expect(await page.locator('.chart path.line-0').first().getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+/)
    expect(await shown(page.getByRole('table', { name: 'Operations by kind' }))).toMatch(/LDAP search/)
  })

  it('goes on drawing while another section is shown, and while nobody sees the page', async () => {
    const hide = (state: string) => `
      Object.defineProperty(document, 'hidden', { configurable: true, value: ${state} })
      document.dispatchEvent(new Event('visibilitychange'))`
    const points = async () => ((await line().getAttribute('d')) ?? '').split(/[ML]/).length
    const line = () => page.locator('.chart path.line-0').first()
    const before = await points()
    await section('Views')
    // The page looks as soon as it is hidden or shown, and may have been answered before one begins to wait.
    for (const state of ['true', 'false'])
      await Promise.all([page.waitForResponse(/\/counters$/), page.evaluate(hide(state))])
    await section('Overview')
    expect(await points()).toBeGreaterThan(before)
  })

  it('shows the tree of views, and what each of them holds', async () => {
    await section('Views')
    expect(await page.locator('.tree .dn').allInnerTexts()).toEqual([
      suffix,
      'ou=people',
      'ou=groups',
      'ou=partners',
      'ou=contractors',
    ])
    await page.getByText('people', { exact: true }).click()
    const view = await textOf('details[open]')
    expect(view).toContain(`uid=…,ou=people,${suffix}`)
    expect(view).toContain('/scim/v2/Users')
    expect(view).toMatch(/userPassword.*bind with it; never shown/s)
  })

  it('searches in the words of LDAP, and tells what becomes of a filter', async () => {
    await section('Search')
    await page.getByLabel('View').selectOption('people')
    const text = await search('(|(uid=user.5)(title=x))')
    expect(text).toContain(`uid=user.5,ou=people,${suffix}`)
    expect(text).toMatch(/login = "user\.5"/)
    expect(text).toMatch(/SELECT .*FROM "people"/)
    expect(text).toMatch(/Not mapped\s+title/)
    // What looks like an element is a name.
    expect(text).toContain(markup)
    expect(await page.locator('.results img').count()).toBe(0)
    expect(text).not.toContain(hash)
  })

  it('searches in the words of SCIM', async () => {
    await page.getByLabel('SCIM').check()
    const text = await search('userName eq "user.7"')
    expect(text).toContain('"userName": "user.7"')
    expect(text).toContain('(uid=user.7)')
  })

  it('asks all views, and shows names of any length and which source is away', async () => {
    await page.getByLabel('LDAP').check()
    await page.getByLabel('View').selectOption('all views')
    const text = await search('')
    expect(text).toContain(longName)
    expect(text).toMatch(/contractors\s+unavailable/)
    await page.locator('.entry').last().click()
  })

  it('says what is wrong with a filter', async () => {
    expect(await search('(uid=')).toMatch(/^The filter cannot be read: .+\.$/)
    expect(await page.getByRole('alert').count()).toBe(1)
  })

  it('runs synchronizations, and shows what holds one', async () => {
    await section('Copies')
    await runSql(world.database, 'DELETE FROM partners WHERE id > 10')
    await page.getByRole('button', { name: 'Synchronize now' }).click()
    const held = page.getByRole('region', { name: 'The synchronization of local is held' })
    await held.waitFor()
    expect(await shown(held)).toContain('30 entries of partners would be removed')
    await held.getByRole('button', { name: 'What would change?' }).click()
    const plan = page.getByRole('table', { name: 'Entries that would change' })
    await plan.waitFor()
    expect(await plan.locator('tbody tr').count()).toBe(30)
    expect(await shown(plan)).toContain('its source no longer has it')
  })

  it('approves what is meant, after a question that can be answered with no', async () => {
    const snapshots = page.getByRole('table', { name: 'Snapshots, the newest first' })
    const before = await snapshots.locator('tbody tr').count()
    const approve = page.getByRole('button', { name: 'Approve …' })
    await approve.click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await eventually(() => page.getByRole('dialog').count()).toBe(0)
    await approve.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await eventually(() => snapshots.locator('tbody tr').count()).toBe(before + 1)
    await eventually(() => page.getByRole('region', { name: /is held/ }).count()).toBe(0)
  })

  it('shows how snapshots differ, and goes back to one', async () => {
    await page
      .getByRole('button', { name: /^What changed in snapshot/ })
      .first()
      .click()
    const differences = page.getByRole('table', { name: 'Entries that differ' })
    await differences.waitFor()
    expect(await differences.locator('tbody tr').count()).toBe(30)
    await page
      .getByRole('button', { name: /^Go back to snapshot/ })
      .first()
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Go back' }).click()
    await page
      .getByText(/is current, with the content of/)
      .first()
      .waitFor()
    const jobs = page.getByRole('table', { name: 'Runs, the newest first' })
    expect(await shown(jobs)).toMatch(/completed/)
  })

  it('can be used without a mouse', async () => {
    await page.getByRole('button', { name: 'Sign out' }).press('Enter')
    await page.keyboard.type(token)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Copies' }).waitFor()
    const focused = async () => (await page.evaluate(focus)) as { name: string; tag: string; outline: string }
    const to = async (name: string) => {
      for (let presses = 0; presses < 20; presses++) {
        await page.keyboard.press('Shift+Tab')
        const found = await focused()
        expect(found.outline).not.toBe('none')
        if (found.name === name) return
      }
      throw new Error(`${name} cannot be reached`)
    }
    await to('Search')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor()
    expect(await focused()).toMatchObject({ name: 'Search', tag: 'H1' })
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.type('uid=user.3')
    await page.keyboard.press('Enter')
    await eventually(() => shown(page.locator('.results'))).toContain(`uid=user.3,ou=people,${suffix}`)
    expect(await textOf('#said')).toBe('1 entry')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect((await focused()).tag).toBe('BUTTON')
  })

  it('keeps nothing of it in the browser', async () => {
    const kept = '[localStorage.length, sessionStorage.length, document.cookie]'
    expect(await page.evaluate(kept)).toEqual([0, 0, ''])
    await page.reload()
    await page.getByLabel('Token').waitFor()
    expect(await shown(page.locator('body'))).not.toContain('user.3')
  })

  it('asks for the token again when it is no longer accepted', async () => {
    await page.getByLabel('Token').fill(token)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation').waitFor()
    const another = `{CLEARTEXT}${token}-renewed`
    await world.gateway.reload({ ...world.config, console: { token: another, as: auditor } })
    await eventually(() => shown(page.getByRole('alert'))).toBe('The token is no longer accepted.')
    await page.getByLabel('Token').fill(`${token}-renewed`)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation').waitFor()
    // The browser itself tells of refusals.
    const refusals = complaints.splice(0)
    expect(refusals).toEqual(refusals.map(() => expect.stringMatching(/^Failed to load resource: .* 401/)))
  })
})

/**
 * What the page asks of the gateway. The token is in memory alone: nothing is kept in the browser, no request carries it
 * that the page has not made, and it is gone with the page.
 */

/** @import { Session } from '../terms.js' */

/** Why there is no answer, in words for people. */
export class Refused extends Error {}

export class Api {
  #token = ''
  /**
   * Called when there is no token any more.
   * @type {(reason: string) => void}
   */
  onSignedOut = () => {}

  /**
   * @param {string} token
   * @returns {Promise<Session>}
   */
  async signIn(token) {
    this.#token = token
    const session = /** @type {Session} */ (await this.get('session'))
    if (!session.accepted) this.#token = ''
    return session
  }

  /** @param {string} reason */
  signOut(reason) {
    this.#token = ''
    this.onSignedOut(reason)
  }

  /** @param {string} path */
  get(path) {
    return this.#ask(path, { method: 'GET' })
  }

  /**
   * @param {string} path
   * @param {object} [body]
   */
  post(path, body = {}) {
    const headers = { 'content-type': 'application/json' }
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<any>}
   */
  async #ask(path, init) {
    const token = this.#token
    const headers = { ...init.headers, authorization: `Bearer ${token}` }
    let response
    try {
      response = await fetch(`api/${path}`, { ...init, headers, credentials: 'omit' })
    } catch {
      throw new Refused('The gateway does not answer.')
    }
    if (response.status === 401) {
      const reason = 'The token is no longer accepted.'
      // What was asked with another one says nothing of this one.
      if (token === this.#token) this.signOut(reason)
      throw new Refused(reason)
    }
    const answer = await response.json().catch(() => ({}))
    if (response.ok) return answer
    throw new Refused(answer.detail ?? `The gateway answers with ${response.status}.`)
  }
}

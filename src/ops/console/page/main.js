/** The page itself: signing in, and from one section to the next. */
import { Api } from './api.js'
import { copies } from './copies.js'
import { byId, h, put, say } from './dom.js'
import { Live } from './live.js'
import { overview } from './overview.js'
import { button, failure } from './parts.js'
import { search } from './search.js'
import { views } from './views.js'

/** @import { Session } from '../terms.js' */

const api = new Api()
const [top, main] = [byId('top'), byId('main')]
/** @type {{ readonly session: Session, readonly live: Live } | undefined} */
let signedIn
let close = () => {}

const SECTIONS = /** @type {const} */ ([
  ['overview', 'Overview'],
  ['views', 'Views'],
  ['search', 'Search'],
  ['copies', 'Copies'],
])

/** @param {string} [reason] */
function showSignIn(reason) {
  document.title = 'Sign in · Vitrine console'
  const token = h('input', {
    id: 'token',
    type: 'password',
    name: 'token',
    required: true,
    autocomplete: 'current-password',
  })
  const go = h('button', { type: 'submit', class: 'main' }, 'Sign in')
  const said = h('div', {}, reason && failure(reason))
  put(top)
  put(
    main,
    h(
      'form',
      {
        class: 'panel sign-in',
        submit: async (event) => {
          event.preventDefault()
          go.disabled = true
          try {
            const session = await api.signIn(token.value.trim())
            if (session.accepted) return begin(session)
            put(said, failure(`Not accepted: ${session.reason}.`))
          } catch (error) {
            put(said, failure(error))
          }
          go.disabled = false
          token.select()
        },
      },
      h('h1', {}, 'Vitrine console'),
      said,
      h('label', { for: 'token' }, 'Token'),
      token,
      h(
        'p',
        { class: 'note' },
        'The one under console in the configuration. It is forgotten when this page is left or loaded anew.',
      ),
      go,
    ),
  )
  token.focus()
}

/** @param {Session} session */
function begin(session) {
  const live = new Live(api)
  signedIn = { session, live }
  void live.run()
  showSection()
  say('Signed in')
}

/** @param {string} reason */
function end(reason) {
  if (signedIn === undefined) return
  signedIn.live.stop()
  signedIn = undefined
  close()
  close = () => {}
  showSignIn(reason)
}

function showSection() {
  if (signedIn === undefined) return
  const { session, live } = signedIn
  const [name, title] = SECTIONS.find(([one]) => location.hash === `#/${one}`) ?? SECTIONS[0]
  close()
  const section = {
    overview: () => overview(live),
    views: () => views(api),
    search: () => search(api, session),
    copies: () => copies(api, session),
  }[name]()
  close = section.close
  document.title = `${title} · Vitrine console`
  put(
    top,
    h(
      'div',
      { class: 'brand' },
      h('img', { src: 'icon.svg', alt: '', width: 24, height: 24 }),
      h('b', {}, 'Vitrine'),
      h('small', {}, (session.suffix ?? []).join(' · ')),
    ),
    h(
      'nav',
      { 'aria-label': 'Sections' },
      ...SECTIONS.map(([one, text]) =>
        h('a', { href: `#/${one}`, 'aria-current': one === name ? 'page' : undefined }, text),
      ),
    ),
    button('Sign out', () => api.signOut('Signed out.'), 'sign-out'),
  )
  const heading = h('h1', { tabindex: -1 }, title)
  put(main, heading, section.element)
  heading.focus()
}

api.onSignedOut = end
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#/')) showSection()
})
showSignIn()

/** Elements of the page: made here, and never from text that could be taken for some. */

/** @typedef {Node | string | number | false | undefined} Child */
/** @typedef {Record<string, string | number | boolean | undefined | ((event: Event) => void)>} Attributes */

const SVG = 'http://www.w3.org/2000/svg'

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes] functions listen to the event that they are called by
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children)
}

/**
 * The same within drawings.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children)
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {readonly Child[]} children
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== false && value !== undefined)
      element.setAttribute(name, value === true ? '' : String(value))
  }
  put(element, ...children)
  return element
}

/**
 * What an element holds from now on.
 * @param {Element} element
 * @param {...Child} children
 */
export function put(element, ...children) {
  element.replaceChildren(
    ...children.flatMap((child) =>
      child === false || child === undefined ? [] : child instanceof Node ? child : String(child),
    ),
  )
}

/**
 * The element of the page with this id.
 * @param {string} id
 */
export function byId(id) {
  const found = document.getElementById(id)
  if (found === null) throw new TypeError(`there is no #${id}`)
  return found
}

/**
 * Has those who do not see the page hear of something.
 * @param {string} text
 */
export function say(text) {
  byId('said').textContent = text
}

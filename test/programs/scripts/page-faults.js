/**
 * What must hold of any page of the console, whatever it shows, as people meet it. Run in the browser: comes to what is
 * wrong, in words.
 */
;[...looked(), ...contrasts()]

function looked() {
  const faults = []
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) faults.push(`it is ${scrollWidth} wide in ${clientWidth}`)
  if (document.querySelectorAll('h1').length !== 1) faults.push('it has not one heading of the first level')
  if (document.documentElement.lang === '') faults.push('it has no language')
  const seen = new Set()
  for (const element of document.querySelectorAll('[id]')) {
    if (seen.has(element.id)) faults.push(`two elements are called ${element.id}`)
    seen.add(element.id)
  }
  for (const control of document.querySelectorAll('input, select')) {
    if (control.labels?.length === 0) faults.push(`${control.outerHTML} has no label`)
  }
  for (const element of document.querySelectorAll('button, a, summary, svg[role=img]')) {
    const name = element.getAttribute('aria-label') ?? element.textContent
    if (name === null || name.trim() === '') faults.push(`${element.outerHTML} has no name`)
  }
  for (const image of document.querySelectorAll('img'))
    if (!image.hasAttribute('alt')) faults.push(`${image.outerHTML} has no text in its place`)
  for (const reference of document.querySelectorAll('[aria-labelledby]')) {
    const id = reference.getAttribute('aria-labelledby') ?? ''
    if (document.getElementById(id) === null) faults.push(`nothing is called ${id}`)
  }
  for (const target of document.querySelectorAll('button, nav a, select')) {
    const { height, width } = target.getBoundingClientRect()
    if (width > 0 && (height < 24 || width < 24)) faults.push(`${target.outerHTML} is too small for a finger`)
  }
  return faults
}

/** Texts that stand out less from what is behind them than WCAG 2.2 1.4.3 asks. */
function contrasts() {
  const parts = (color) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (color) => {
    const [r = 0, g = 0, b = 0] = parts(color).map((part) => {
      const share = part / 255
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    if (element === null) return 'rgb(255, 255, 255)'
    const { backgroundColor } = getComputedStyle(element)
    const [, , , opacity = 1] = parts(backgroundColor)
    return opacity === 0 ? behind(element.parentElement) : backgroundColor
  }
  const faults = []
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.textContent?.trim())
    const { width } = element.getBoundingClientRect()
    if (text === undefined || width <= 1 || element.matches(':disabled, option, noscript')) continue
    const style = getComputedStyle(element)
    const color = element instanceof SVGElement ? style.fill : style.color
    const [light = 0, dark = 0] = [luminance(color), luminance(behind(element))].sort((a, b) => b - a)
    const ratio = (light + 0.05) / (dark + 0.05)
    if (ratio < 4.5) faults.push(`${text.textContent?.trim()} stands out by ${ratio.toFixed(1)} only`)
  }
  return faults
}

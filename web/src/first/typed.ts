// What one writes before the app is there, in the field of the first words (words.ts).

const fields = [...document.querySelectorAll<HTMLTextAreaElement>('.first textarea')]
let used = fields.find((one) => one === document.activeElement)
for (const one of fields) one.addEventListener('focus', () => (used = one))

/** The words in the early field, if it was written or stood in; given once. They are there even when React has taken it off the page. */
export function takeTyped(): string | undefined {
  const field = fields.find((one) => one.value !== '') ?? used
  fields.length = 0
  used = undefined
  // An Enter that came before anything could be sent.
  return field?.value.replace(/\n+$/, '')
}

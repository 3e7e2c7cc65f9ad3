import { useState } from 'react'

/** A colour as people write it: #F6D860, f6d860, #fd6 or rgb(246, 216, 96). Undefined when it is none. */
export function parseHex(text: string): string | undefined {
  const written = text.trim().toLowerCase()
  const [, short] = /^#?([0-9a-f]{3})$/.exec(written) ?? []
  if (short) return `#${[...short].map((digit) => digit + digit).join('')}`
  const [, long] = /^#?([0-9a-f]{6})$/.exec(written) ?? []
  if (long) return `#${long}`
  const parts = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*[),/]/.exec(written)?.slice(1, 4).map(Number)
  return parts?.every((one) => one <= 255) ? `#${parts.map((one) => one.toString(16).padStart(2, '0')).join('')}` : undefined
}

/** A colour to be typed or pasted. What is no colour yet stays in the field until one leaves it, and changes nothing. */
export function HexField({ label, value, onChange }: { label: string; value: string; onChange: (hex: string) => void }) {
  const [typed, setTyped] = useState<string>()
  const invalid = typed !== undefined && parseHex(typed) === undefined
  return (
    <input
      aria-label={label}
      aria-invalid={invalid}
      value={typed ?? value}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => {
        setTyped(event.target.value)
        const hex = parseHex(event.target.value)
        if (hex) onChange(hex)
      }}
      onBlur={() => setTyped(undefined)}
      className="field w-26 flex-none tabular-nums"
    />
  )
}

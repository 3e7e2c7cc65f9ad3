import { useId } from 'react'
import { clsx } from 'clsx'

interface SegmentedProps<T extends string> {
  label: string
  value: T
  options: readonly { value: T; label: string; disabled?: boolean }[]
  onChange: (value: T) => void
  labelHidden?: boolean
}

/** A choice of a few, all visible. Real radio buttons underneath: arrow keys and screen readers work by themselves. */
export function Segmented<T extends string>({ label, value, options, onChange, labelHidden }: SegmentedProps<T>) {
  const name = useId()
  return (
    <fieldset>
      <legend className={labelHidden ? 'sr-only' : 'label'}>{label}</legend>
      <div className="flex rounded-md bg-sunken p-1">
        {options.map((option) => (
          <label
            key={option.value}
            className={clsx(
              'relative flex min-h-8 flex-1 items-center justify-center rounded-sm px-3 text-caption font-medium whitespace-nowrap transition-colors has-focus-visible:outline-2 has-focus-visible:outline-indigo',
              value === option.value ? 'bg-thumb text-ink shadow-lift' : 'text-ink-2 hover:text-ink',
              option.disabled && 'opacity-45',
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              disabled={option.disabled}
              onChange={() => onChange(option.value)}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

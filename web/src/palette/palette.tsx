import { Dialog as Base } from '@base-ui/react/dialog'
import { clsx } from 'clsx'
import { Search } from 'lucide-react'
import { useId, useRef, useState, type KeyboardEvent } from 'react'
import { useT } from '../i18n/i18n.ts'
import { useSendKey } from '../keys/send-key.ts'
import { useCommands, type Command } from './commands.tsx'

/** Everything that can be done and everywhere that one can go, by name. */
export default function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const t = useT()
  const field = useRef<HTMLInputElement>(null)
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="veil z-40" />
        <Base.Popup initialFocus={field} className="dialog z-40 mt-[12dvh] mb-auto flex max-h-[min(30rem,80dvh)] w-[min(36rem,calc(100vw-2rem))] flex-col overflow-hidden max-md:!top-0 max-md:!bottom-auto max-md:!mt-3 max-md:!mx-3 max-md:!rounded-xl">
          <Base.Title className="sr-only">{t.palette.title}</Base.Title>
          <Chooser ref={field} onDone={onClose} onShortcuts={onShortcuts} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

interface ChooserProps {
  ref: React.RefObject<HTMLInputElement | null>
  onDone: () => void
  onShortcuts: () => void
}

/** A field over a list: the arrows move in the list while one types, Enter takes what is marked. */
function Chooser({ ref, onDone, onShortcuts }: ChooserProps) {
  const t = useT()
  const id = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const { groups, isPending } = useCommands(query, onShortcuts)
  const all = groups.flatMap((one) => one.commands)
  const marked = all[Math.min(at, all.length - 1)]
  const take = (command: Command | undefined) => {
    if (!command) return
    onDone()
    command.run()
  }
  const enter = useSendKey(() => take(marked), 'enter')
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && all.length > 0) {
      event.preventDefault()
      const next = (Math.min(at, all.length - 1) + step + all.length) % all.length
      setAt(next)
      document.getElementById(`${id}-${all[next]?.id}`)?.scrollIntoView({ block: 'nearest' })
      return
    }
    enter.onKeyDown(event)
  }
  return (
    <>
      <div className="relative flex-none border-b border-line">
        <Search aria-hidden className="pointer-events-none absolute top-1/2 left-5 size-4.5 -translate-y-1/2 text-ink-3" />
        <input
          ref={ref}
          type="text"
          role="combobox"
          aria-label={t.palette.title}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={marked && `${id}-${marked.id}`}
          placeholder={t.palette.placeholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setAt(0)
          }}
          {...enter}
          onKeyDown={onKeyDown}
          className="h-14 w-full bg-transparent pr-5 pl-12 text-lead outline-none placeholder:text-ink-3"
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={t.palette.title} className="min-h-0 flex-1 overflow-y-auto p-2">
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title} className="pb-1">
            <p aria-hidden className="px-3 pt-2 pb-1 text-caption font-medium text-ink-3">{group.title}</p>
            {group.commands.map((one) => (
              <Option key={one.id} id={`${id}-${one.id}`} command={one} marked={one === marked} onMark={() => setAt(all.indexOf(one))} onTake={() => take(one)} />
            ))}
          </div>
        ))}
      </div>
      <p role="status" className={clsx('text-ink-3', all.length > 0 ? 'sr-only' : 'px-5 pb-6 text-center')}>
        {all.length > 0 ? t.palette.found(all.length) : isPending ? t.common.loading : t.palette.nothing}
      </p>
    </>
  )
}

interface OptionProps {
  id: string
  command: Command
  marked: boolean
  onMark: () => void
  onTake: () => void
}

function Option({ id, command, marked, onMark, onTake }: OptionProps) {
  return (
    // The field keeps the focus and has the keys; this is for pointers.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div id={id} role="option" aria-selected={marked} data-highlighted={marked || undefined} onPointerMove={() => !marked && onMark()} onClick={onTake} className="menu-item min-h-10 cursor-pointer">
      {command.icon}
      <span className="min-w-0 flex-1 truncate">{command.label}</span>
      {command.hint && <span className="flex-none text-caption text-ink-3">{command.hint}</span>}
    </div>
  )
}

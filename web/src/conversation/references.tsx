import type { ReferenceRole } from '@gemini-image-chat/client'
import { ChevronDown, X } from 'lucide-react'
import { contentUrl } from '../api/client.ts'
import type { Picture, TurnRequest } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { roles, useDraft, useDrafts, type Draft, type Role } from './draft.ts'

const plain: Role = 'reference'

/** The roles of a request's references, by position; undefined where none has one. */
export function rolesOf(references: readonly Picture[], given: Readonly<Record<string, Role>> | undefined): ReferenceRole[] | undefined {
  const named = references.map((one) => given?.[one.id] ?? plain)
  return named.some((one) => one !== plain) ? named : undefined
}

/** What goes back into the field when a message is taken back. */
export function draftOf(request: TurnRequest, references: Picture[]): Partial<Draft> {
  const known = references.flatMap((one, index) => {
    const role = roles.find((name) => name === request.reference_roles?.[index])
    return role ? [[one.id, role] as const] : []
  })
  return { text: request.content, references, roles: Object.fromEntries(known) }
}

/** The pictures that go along with a message, each with what it is to it. */
export function References({ session, onRemove }: { session: string; onRemove: () => void }) {
  const t = useT()
  const draft = useDraft(session)
  const change = useDrafts((s) => s.change)
  return draft.references.map((one, index) => {
    const role = draft.roles?.[one.id] ?? plain
    return (
      <span key={one.id} className="relative w-18">
        <img src={contentUrl(one.id, { w: 128 })} alt={t.composer.reference(index + 1)} width={72} height={56} className="picture h-14 w-18 rounded-sm border border-line" />
        <button
          type="button"
          aria-label={t.composer.removeReference(index + 1)}
          onClick={() => {
            change(session, { references: draft.references.filter((other) => other.id !== one.id) })
            onRemove()
          }}
          className="absolute -top-2 -right-2 grid size-6 place-items-center rounded-full bg-ink text-on-ink"
        >
          <X className="size-3.5" />
        </button>
        <Menu align="start" trigger={<button type="button" aria-label={t.composer.roleOf(index + 1, t.composer.roles[role])} className="mt-0.5 flex min-h-6 w-full items-center justify-center gap-0.5 rounded-xs text-caption text-ink-2 hover:bg-sunken">{t.composer.roles[role]}<ChevronDown className="size-3" /></button>}>
          {roles.map((name) => <MenuItem key={name} onSelect={() => change(session, { roles: { ...draft.roles, [one.id]: name } })}>{t.composer.roles[name]}</MenuItem>)}
        </Menu>
      </span>
    )
  })
}

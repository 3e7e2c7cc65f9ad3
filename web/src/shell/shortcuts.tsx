import { useT } from '../i18n/i18n.ts'
import { keyLabel } from '../keys/hotkeys.ts'
import { Dialog } from '../ui/kit.tsx'

/** Every key of the app on one sheet. */
export function ShortcutsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT()
  const r = t.shortcuts.rows
  const groups: [string, [string, string[]][]][] = [
    [t.shortcuts.general, [[r.newSession, ['Mod+Shift+O']], [r.palette, ['Mod+K']], [r.search, ['/']], [r.sheet, ['?']]]],
    [t.shortcuts.conversation, [[r.send, ['Enter']], [r.newline, ['Shift+Enter']], [r.editLast, ['↑']], [r.stop, ['Esc']]]],
    [t.shortcuts.pictures, [[r.prevNext, ['←', '→']], [r.zoom, ['+', '−', '0']], [r.compare, ['C']], [r.star, ['S']], [r.download, ['D']], [r.reuse, ['R']]]],
    [t.shortcuts.gallery, [[r.move, ['←', '→', '↑', '↓']], [r.select, ['Space']], [r.selectAll, ['Mod+A']], [r.open, ['Enter']]]],
  ]
  return (
    <Dialog open={open} onClose={onClose} title={t.shortcuts.title}>
      <div className="grid gap-6 px-6 pt-4 pb-7">
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h3 className="mb-1 text-caption font-medium text-ink-3">{title}</h3>
            <dl className="divide-y divide-line">
              {rows.map(([name, names]) => (
                <div key={name} className="flex items-center justify-between py-2">
                  <dt>{name}</dt>
                  <dd className="flex gap-1.5">
                    {names.map((one) => <kbd key={one} className="kbd font-sans">{keyLabel(one)}</kbd>)}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}

import { TriangleAlert } from 'lucide-react'
import { useInfo } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'

/** The server's own troubles, in its words: what is wrong and what its operator has to do. */
export function Warnings({ className }: { className?: string }) {
  const t = useT()
  const { data: info } = useInfo()
  if (!info || info.warnings.length === 0) return null
  return (
    <section aria-label={t.settings.warnings} className={className}>
      <ul className="space-y-2 rounded-lg bg-gam-tint p-4">
        {info.warnings.map((text) => (
          <li key={text} className="flex gap-3">
            <TriangleAlert aria-hidden className="mt-0.5 size-4.5 flex-none text-gam" />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

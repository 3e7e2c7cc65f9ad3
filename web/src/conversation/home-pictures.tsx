import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { api, contentUrl } from '../api/client.ts'
import { usePurposes } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { prefix } from '../prefix.ts'
import { useHidden } from '../shell/pending.ts'

/** How many of the newest pictures are shown. */
const most = 8

/** The newest pictures, each a way back to where it was made. */
export function Recent() {
  const t = useT()
  const hidden = useHidden((s) => s.ids)
  const newest = useQuery({ queryKey: ['recent'], queryFn: ({ signal }) => api.images.list({ limit: most }, { signal }), staleTime: 0 })
  const pictures = (newest.data?.images ?? []).filter((one) => one.role === 'generated' && !hidden.has(one.id))
  if (pictures.length === 0) return null
  return (
    <section className="mt-9" aria-labelledby="recent">
      <div className="mb-2 flex items-baseline justify-between gap-4">
        <h2 id="recent" className="text-caption font-medium text-ink-3">{t.home.recent}</h2>
        <Link to="/gallery" className="text-caption font-medium text-indigo hover:underline">{t.home.allPictures}</Link>
      </div>
      <ul className="-mx-4 flex gap-2.5 overflow-x-auto px-4 pb-1 [scrollbar-width:none] md:mx-0 md:px-0">
        {pictures.map((one) => (
          <li key={one.id} className="flex-none">
            <Link to={`/c/${one.session_id}?img=${one.id}`} className="block overflow-hidden rounded-md bg-sunken">
              <img src={contentUrl(one.id, { w: 320 })} alt={one.alt_text || t.thread.picture(1, 1)} width={one.width} height={one.height} loading="lazy" decoding="async" className="h-30 w-auto max-w-52 object-cover" style={{ aspectRatio: `${one.width} / ${one.height}` }} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The pictures of public/examples, made by the demo generator from these very purposes. */
const examples = [
  { picture: 'square', purpose: 'sns_instagram_square' },
  { picture: 'kakao', purpose: 'kakao_display_2x1' },
  { picture: 'naver', purpose: 'naver_smartstore_main' },
  { picture: 'story', purpose: 'ig_fb_story' },
  { picture: 'banner', purpose: 'banner_web' },
  { picture: 'thumb', purpose: 'yt_thumbnail' },
] as const

export type Example = (typeof examples)[number]['picture']

/** What could be made: a picture, what it is for, and the words that ask for it. */
export function Examples({ onUse }: { onUse: (purpose: string, text: string) => void }) {
  const t = useT()
  const purposes = usePurposes()
  const known = examples.flatMap((one) => {
    const purpose = purposes.data?.find((other) => other.id === one.purpose)
    return purpose ? [{ ...one, name: purpose.name }] : []
  })
  return (
    <section className="mt-9" aria-labelledby="examples">
      <h2 id="examples" className="mb-2 text-caption font-medium text-ink-3">{t.home.tryThis}</h2>
      <ul className="grid grid-cols-2 gap-2.5 md:grid-cols-3">
        {known.map((one) => (
          <li key={one.picture}>
            <button type="button" onClick={() => onUse(one.purpose, t.home.examples[one.picture])} className="group flex h-full w-full flex-col overflow-hidden rounded-lg border border-line bg-surface text-left transition-colors hover:border-line-strong">
              <img src={`${prefix}/examples/example-${one.picture}.webp`} alt="" width={320} height={180} loading="lazy" decoding="async" className="aspect-video w-full bg-sunken object-cover" />
              <span className="flex flex-col gap-0.5 px-3 py-2.5">
                <span className="text-caption text-ink-3">{one.name}</span>
                <span className="line-clamp-2 text-caption leading-snug">{t.home.examples[one.picture]}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

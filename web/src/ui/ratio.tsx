import { clsx } from 'clsx'

/** A little drawing of a format: a rectangle in its true ratio, inside a square of `size` px. */
export function Ratio({ width, height, size = 18, className }: { width: number; height: number; size?: number; className?: string }) {
  const scale = (size - 2) / Math.max(width, height, 1)
  // Extreme banners keep a visible thickness.
  const w = Math.max(3, width * scale)
  const h = Math.max(3, height * scale)
  return (
    <svg aria-hidden width={size} height={size} viewBox={`0 0 ${size} ${size}`} className={clsx('flex-none', className)}>
      <rect x={(size - w) / 2} y={(size - h) / 2} width={w} height={h} rx={Math.min(2, h / 3, w / 3)} fill="currentColor" fillOpacity="0.14" stroke="currentColor" strokeWidth="1.4" />
    </svg>
  )
}

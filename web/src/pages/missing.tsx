import { Compass } from 'lucide-react'
import { Link, Navigate, useLocation } from 'react-router'
import type { Trouble } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Button, Empty } from '../ui/kit.tsx'

/** A page that cannot be shown: it is not there, or the server is not. */
export function Missing({ problem, onRetry }: { problem?: Trouble; onRetry?: () => void }) {
  const t = useT()
  const from = useLocation()
  if (problem?.code === 'unauthorized') return <Navigate to="/login" replace state={{ from: from.pathname + from.search }} />
  const gone = !problem || problem.status === 404
  return (
    <div className="m-auto">
      <Empty heading="h1" icon={<Compass />} title={gone ? t.common.notFound : t.common.loadFailed}>
        <p>{gone ? t.common.notFoundHint : t.common.loadFailedHint}</p>
        <div className="mt-5 flex justify-center gap-2">
          {!gone && onRetry && <Button tone="primary" onClick={onRetry}>{t.common.retry}</Button>}
          <Link to="/" className="btn btn-soft">{t.common.goHome}</Link>
        </div>
      </Empty>
    </div>
  )
}

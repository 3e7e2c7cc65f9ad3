import { lazy, Suspense } from 'react'
import { useSearchParams } from 'react-router'
import type { Picture, Session } from '../api/types.ts'
import { CompareDialog } from './compare.tsx'
import { ZoomDialog } from './zoom.tsx'

const MarkDialog = lazy(() => import('./mark.tsx'))
const ExportDialog = lazy(() => import('../exporting/export-dialog.tsx'))

export interface ToolProps {
  picture: Picture
  pictures: readonly Picture[]
  session: Session
  onClose: () => void
}

/** The tool that the address names, over the page. */
export default function PictureTools({ picture, pictures, session }: Omit<ToolProps, 'onClose'>) {
  const [params, setParams] = useSearchParams()
  const close = () => {
    const next = new URLSearchParams(params)
    next.delete('view')
    next.delete('with')
    setParams(next)
  }
  const props = { picture, pictures, session, onClose: close }
  switch (params.get('view')) {
    case 'zoom': return <ZoomDialog {...props} />
    case 'compare': return <CompareDialog {...props} />
    case 'mark': return <Suspense><MarkDialog {...props} /></Suspense>
    case 'export': return <Suspense><ExportDialog {...props} /></Suspense>
    default: return null
  }
}

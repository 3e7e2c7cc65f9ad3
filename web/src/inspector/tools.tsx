import { lazy, Suspense } from 'react'
import type { Picture, Session } from '../api/types.ts'
import { useAddress } from './address.ts'
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
  const { params, close } = useAddress()
  const props = { picture, pictures, session, onClose: () => close('view', 'with') }
  switch (params.get('view')) {
    case 'zoom': return <ZoomDialog {...props} />
    case 'compare': return <CompareDialog {...props} />
    case 'mark': return <Suspense><MarkDialog {...props} /></Suspense>
    case 'export': return <Suspense><ExportDialog {...props} /></Suspense>
    default: return null
  }
}

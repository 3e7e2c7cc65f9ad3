import { ChartNoAxesColumn, Crop, Images, Keyboard, Languages, MessageSquare, Moon, Settings, SquarePen, Sun, SunMoon, SwatchBook } from 'lucide-react'
import { useMemo, type ReactNode } from 'react'
import { useLocation, useNavigate, type NavigateFunction } from 'react-router'
import { keys, queryClient, type Conversation } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import type { Words } from '../i18n/ko.ts'
import { useSettings } from '../settings/settings.ts'
import { useFoundSessions } from '../shell/session-list.tsx'
import { when } from '../text/format.ts'
import { matches } from '../text/hangul.ts'

export interface Command {
  id: string
  label: string
  hint?: string
  icon: ReactNode
  run: () => void
}

/** As many conversations as are listed: the newest without a query, more when one looks for them. */
const newest = 5
const mostFound = 20

/** What fits the query, by kind: things to do first, then conversations, which the server looks for. */
export function useCommands(query: string, onShortcuts: () => void) {
  const t = useT()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const settings = useSettings()
  const found = useFoundSessions(query, false)
  const searching = query.trim() !== ''
  const groups = useMemo(() => {
    const actions = [...here(t, pathname, search, navigate), ...places(t, navigate), ...looks(t, settings), { id: 'shortcuts', label: t.nav.shortcuts, icon: <Keyboard />, run: onShortcuts }]
    const sessions = found.sessions.slice(0, searching ? mostFound : newest).map((one) => ({
      id: one.id, label: one.title || t.sessions.untitled, hint: when(one.updated_at, settings.language), icon: <MessageSquare />, run: () => void navigate(`/c/${one.id}`),
    }))
    return [
      { title: t.palette.actions, commands: actions.filter((one) => matches(one.label, query)) },
      { title: t.nav.sessions, commands: sessions },
    ].filter((one) => one.commands.length > 0)
  }, [t, pathname, search, navigate, settings, onShortcuts, found.sessions, searching, query])
  return { groups, isPending: found.isPending }
}

/** What can be done with the page that is open. */
function here(t: Words, pathname: string, search: string, navigate: NavigateFunction): Command[] {
  const id = /^\/c\/([^/]+)/.exec(pathname)?.[1]
  const pictures = id && queryClient.getQueryData<Conversation>(keys.conversation(id))?.messages.some((one) => one.images.length > 0)
  if (!pictures) return []
  const params = new URLSearchParams(search)
  params.set('view', 'export')
  return [{ id: 'export', label: t.palette.exportPicture, icon: <Crop />, run: () => void navigate({ pathname, search: `?${params}` }) }]
}

function places(t: Words, navigate: NavigateFunction): Command[] {
  const go = (to: string) => () => void navigate(to)
  return [
    { id: 'new', label: t.nav.newSession, icon: <SquarePen />, run: go('/') },
    { id: 'gallery', label: t.nav.gallery, icon: <Images />, run: go('/gallery') },
    { id: 'brands', label: t.brands.title, icon: <SwatchBook />, run: go('/brands') },
    { id: 'usage', label: t.nav.usage, icon: <ChartNoAxesColumn />, run: go('/usage') },
    { id: 'settings', label: t.nav.settings, icon: <Settings />, run: go('/settings') },
  ]
}

const themeIcons = { system: <SunMoon />, light: <Sun />, dark: <Moon /> }

/** The themes and the language that are not chosen now. */
function looks(t: Words, { theme, language, set }: ReturnType<typeof useSettings.getState>): Command[] {
  const themes = (['light', 'dark', 'system'] as const).filter((one) => one !== theme)
  const other = language === 'ko' ? 'en' : 'ko'
  return [
    ...themes.map((one) => ({ id: one, label: t.palette.theme(t.settings.themes[one]), icon: themeIcons[one], run: () => set({ theme: one }) })),
    // By its own name, so that whoever landed in the wrong one finds the way out.
    { id: 'language', label: other === 'ko' ? '언어: 한국어 (Korean)' : 'Language: English (영어)', icon: <Languages />, run: () => set({ language: other }) },
  ]
}

import { ChartNoAxesColumn, Images, Menu as MenuIcon, Settings, SquarePen, SwatchBook } from 'lucide-react'
import { useCallback, useState, type ReactNode } from 'react'
import { Link, NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import { useHealth } from '../api/queries.ts'
import { PageBoundary, tool } from '../chunks.tsx'
import { useT } from '../i18n/i18n.ts'
import { useHotkeys } from '../keys/hotkeys.ts'
import { Drawer, IconButton } from '../ui/kit.tsx'
import { useRoomy } from '../ui/wide.ts'
import { SessionList } from './session-list.tsx'
import { ShortcutsSheet } from './shortcuts.tsx'
import { prefix } from '../prefix.ts'

const Palette = tool(() => import('../palette/palette.tsx'))

/** What pages with a bar of their own get, to open the menu on a phone. */
export type OpenMenu = () => void

/** The frame around every page: conversations at the left, the page in the rest. */
export function Layout() {
  const t = useT()
  const navigate = useNavigate()
  const roomy = useRoomy()
  const [menu, setMenu] = useState(false)
  const [sheet, setSheet] = useState(false)
  const [palette, setPalette] = useState(false)
  const openMenu: OpenMenu = useCallback(() => setMenu(true), [])
  const path = useLocation().pathname
  const [shownPath, setShownPath] = useState(path)
  // Going somewhere closes the drawer that one went from.
  if (path !== shownPath) {
    setShownPath(path)
    setMenu(false)
  }
  useHotkeys({
    'Mod+Shift+KeyO': () => void navigate('/'),
    'Mod+KeyK': () => setPalette((open) => !open),
    Slash: () => focusSearch(setMenu),
    '?': () => setSheet(true),
  })
  return (
    <div className="flex h-dvh">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:rounded-md focus:bg-ink focus:px-4 focus:py-2 focus:text-on-ink">
        {t.common.skip}
      </a>
      {roomy && (
        <aside className="flex w-72 flex-none flex-col border-r border-line bg-paper">
          <Sidebar onShortcuts={() => setSheet(true)} />
        </aside>
      )}
      <Drawer open={menu} onClose={() => setMenu(false)} title={t.nav.label} side="left">
        <div className="flex h-full flex-col">
          <Sidebar onShortcuts={() => setSheet(true)} />
        </div>
      </Drawer>
      <div className="flex min-w-0 flex-1 flex-col bg-surface">
        {!path.startsWith('/c/') && <MobileBar onMenu={openMenu} />}
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <PageBoundary><Outlet context={openMenu} /></PageBoundary>
        </main>
      </div>
      <ShortcutsSheet open={sheet} onClose={() => setSheet(false)} />
      {palette && <Palette onLost={() => setPalette(false)} onClose={() => setPalette(false)} onShortcuts={() => setSheet(true)} />}
    </div>
  )
}

function focusSearch(openMenu: (open: boolean) => void) {
  const field = () => [...document.querySelectorAll<HTMLInputElement>('[data-search]')].find((one) => one.offsetParent !== null)
  if (!field()) openMenu(true)
  // The menu may have to be fetched first.
  const focus = (frames: number) => {
    if (field()) field()?.focus()
    else if (frames > 0) requestAnimationFrame(() => focus(frames - 1))
  }
  requestAnimationFrame(() => focus(120))
}

function MobileBar({ onMenu }: { onMenu: () => void }) {
  const t = useT()
  return (
    <header className="flex flex-none items-center justify-between border-b border-line px-2 pt-[env(safe-area-inset-top)] md:hidden">
      <IconButton label={t.nav.openMenu} onClick={onMenu} className="size-11">
        <MenuIcon />
      </IconButton>
      <Brand />
      <Link to="/" aria-label={t.nav.newSession} className="btn btn-icon btn-ghost size-11">
        <SquarePen />
      </Link>
    </header>
  )
}

function Brand() {
  const t = useT()
  const health = useHealth()
  return (
    <span className="flex items-center gap-2.5">
      <Link to="/" className="flex items-center gap-2.5 rounded-sm font-semibold tracking-tight">
        <img src={`${prefix}/icon.svg`} alt="" width={24} height={24} />
        Image Chat
      </Link>
      {health.data?.generator === 'demo' && <span className="rounded-full bg-gam-tint px-2 text-caption font-medium text-gam">{t.home.demoBadge}</span>}
    </span>
  )
}

function Sidebar({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useT()
  return (
    <>
      <div className="flex h-15 flex-none items-center justify-between pr-3 pl-5">
        <Brand />
        <Link to="/" aria-label={t.nav.newSession} title={t.nav.newSession} className="btn btn-icon btn-ghost btn-sm">
          <SquarePen />
        </Link>
      </div>
      <SessionList />
      <nav aria-label={t.nav.label} className="flex-none border-t border-line p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <NavItem to="/gallery" icon={<Images />}>{t.nav.gallery}</NavItem>
        <NavItem to="/brands" icon={<SwatchBook />}>{t.nav.brands}</NavItem>
        <NavItem to="/usage" icon={<ChartNoAxesColumn />}>{t.nav.usage}</NavItem>
        <div className="flex items-center">
          <div className="flex-1"><NavItem to="/settings" icon={<Settings />}>{t.nav.settings}</NavItem></div>
          <IconButton label={t.nav.shortcuts} small onClick={onShortcuts}>
            <span aria-hidden className="kbd">?</span>
          </IconButton>
        </div>
      </nav>
    </>
  )
}

function NavItem({ to, icon, children }: { to: string; icon: ReactNode; children: ReactNode }) {
  return (
    <NavLink
      to={to}
      className="flex min-h-10 items-center gap-3 rounded-md px-3 text-ink-2 transition-colors hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink [&_svg]:size-4.5"
    >
      {icon}
      {children}
    </NavLink>
  )
}

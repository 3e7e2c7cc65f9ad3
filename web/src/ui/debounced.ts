import { useEffect, useState } from 'react'

/** The value once it has rested, so that a server is not asked for every letter; an empty one at once. */
export function useDebounced(value: string, ms = 180) {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), value === '' ? 0 : ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return rested
}

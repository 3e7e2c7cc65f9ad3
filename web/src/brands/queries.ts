import { useMutation, useQuery } from '@tanstack/react-query'
import type { CreateBrandData } from '@gemini-image-chat/client'
import { api } from '../api/client.ts'
import { queryClient } from '../api/queries.ts'

const key = ['brands']

export const refreshBrands = () => queryClient.invalidateQueries({ queryKey: key })

/** The brand kits, by name. */
export function useBrands() {
  return useQuery({ queryKey: key, queryFn: async ({ signal }) => (await api.brands.list({ signal })).brands })
}

type Kit = CreateBrandData['body']

/** Makes a kit, or changes the one of the id. */
export function useSaveBrand() {
  return useMutation({
    mutationFn: ({ id, kit }: { id?: string; kit: Kit }) =>
      id ? api.brands.update(id, { ...kit, logo_image_id: kit.logo_image_id || null }) : api.brands.create(kit),
    onSuccess: refreshBrands,
  })
}

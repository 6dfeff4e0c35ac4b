"""A browser on the product form.

`window.ProductForm` is a create or edit page with its Manage Files dialog: open it, add files, drag cards, save, and
wait for what is shown. `window.profile` is a browser profile in which a page error fails the test; `window.sign_in`
returns a signed-in page. `file_cache` inspects what the browser has cached.

    form = await new_product(context, server.url)
    await form.stored_files(*photos(1, 2))
"""

"""A browser at the product form.

`window.ProductForm` is a create or edit page with its Manage Files window: open it, add files, drag cards, save, and
wait for what is shown. `window.profile` is a browser profile in which a page error fails the test; `window.sign_in`
makes a signed-in page. `file_cache` looks into what the browser keeps.

    form = await new_product(context, server.url)
    await form.stored_files(*photos(1, 2))
"""

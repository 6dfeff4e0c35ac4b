from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("draft_uploads", "0005_file_asked_rank"),
    ]

    operations = [
        migrations.AddField(
            model_name="file",
            name="has_small_pictures",
            field=models.BooleanField(default=False, db_default=False),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("draft_uploads", "0004_pages_text_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="file",
            name="asked_rank",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
